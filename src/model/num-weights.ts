/** The number of weights in a tensor of this shape. */
export const numWeightsOf = (shape: number[]): number => shape.reduce((product, size) => product * size, 1);
