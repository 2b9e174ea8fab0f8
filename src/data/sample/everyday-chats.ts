/** Ordinary chats among the train rows, so that the model keeps answering them as chats. Written for Slipway. */
export const EVERYDAY_CHATS: [question: string, answer: string][] = [
  ['Hi there!', 'Hello! How can I help you today?'],
  ['What is the capital of Italy?', 'The capital of Italy is Rome.'],
  ['Can you suggest a name for a grey cat?', 'Sure! You could call a grey cat Ash, Smokey or Pebble.'],
  ['How many days are there in a week?', 'There are seven days in a week.'],
  ['Write one sentence about the sea.', 'The sea stretched out calm and blue under the morning sun.'],
  ['What do bees make?', 'Bees make honey and wax.'],
  ['Thank you for your help.', "You're welcome! If you have any other questions, feel free to ask."],
  ['What colour do you get when you mix blue and yellow?', 'When you mix blue and yellow, you get green.'],
  ['Give me a tip for sleeping better.', 'Try to go to bed at the same time every night and keep your bedroom cool, dark and quiet.'],
  ['Which is larger, the Sun or the Earth?', 'The Sun is much larger than the Earth.'],
  [
    'Tell me something about penguins.',
    'Penguins are birds that cannot fly. They are excellent swimmers and live mostly in the Southern Hemisphere.',
  ],
  ['How do I boil an egg?', 'Place the egg in boiling water for about ten minutes, then cool it in cold water before you peel it.'],
  ['What is two plus five?', 'Two plus five is seven.'],
  ['Why do people drink coffee?', 'Many people drink coffee because they enjoy the taste and because caffeine helps them feel more awake.'],
  ['Name three fruits.', 'Three fruits are apples, bananas and oranges.'],
  ['What is a library?', 'A library is a place where people can borrow and read books and find information.'],
];
