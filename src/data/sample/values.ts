/**
 * The facts that reports are filled with. First names, site stems, verbs and tag letters are chosen so that the
 * pieces which the SmolLM2 tokenizer cuts them into are the same after a space and after a quote: a 135M model copies
 * pieces and hardly ever respells a word (measured: a word that has to be respelt was right in 0 to 2 of 10 rows).
 */
const words = (list: string): string[] => list.trim().split(/\s+/);

/** Names and site stems that one split uses and no other. */
export interface SplitValues {
  firstNames: string[];
  lastStems: string[];
  lastEndings: string[];
  siteStems: string[];
  siteKinds: string[];
}

export const TRAIN_VALUES: SplitValues = {
  firstNames: words(`Aisha Alice Amir Anika Anita Anna April Arjun Arlo Astrid Ben Carla Chloe Damian Daniel David Dina
    Dmitri Eileen Elif Emil Enzo Fatima Fiona Frank Freya Gerard Guido Hana Hector Heidi Henry Igor Ilona Imani Ingrid
    Isla Jack Jacob Jade James Jasper Jean Johan John June Kasper Kenji Laila Lea Lena Leon Lidia Lily Lola Lucia Lydia
    Malik Maria Mark Marta Martin Mary Max Maya Mick Neil Nia Nico Noel Olaf Paul Paula Petra Regina Rene Rita Robert
    Roman Ruben Sam Samir Silvia Simon Stella Sunil Sven Tariq Theo Thomas Tim Tom Tomas Tove Victor Wanda Will Xavier
    Yara Yuki Zara Zoe`),
  lastStems: words(`Alb Ander Bak Berg Bran Carl Cast Del Dom Eber Falk Fern Gar Gold Grim Hall Hart Holm Jan Kar Kess
    Kov Lind Lor Mack Mar Mend Nor Ost Pet Quist Ros Rud Sand Stan Tal Torr Val Vick Wall Wend Zim`),
  lastEndings: words(`er son sen man ova ing ell ez ado ini etti ström berg feld hoff wick ley more quist kov ski ard`),
  siteStems: words(`Silverburn Lakeport Upcombe Holburn Stancrest Redley Tamness Bayham Garview Lakeford Highworth Oldholt
    Rockview Winterbridge Millbrook Lakegate Woodport Deepham Tamley Garbridge Marstead Queenwick Tamton Stoneholt
    Selbridge Holminster Northfield Redburn Woodmore Greenbury Highview Oldminster Linmoor Winholt Eastworth Blackvale
    Redby Redmore Greenstead Tamholt Marhurst Coldby Tamham Ashview Lowham Ashbury Belridge Millerhaven Greencombe
    Rockcrest Bayburn Highridge Stanstead Winterburn Eastby Norley Kingfield Corcliff Rockport Rockminster Millwick
    Linburn Upcrest Ashham Ironburn Rockbury Woodbridge Saltness Rockwell Stonecliff Woodhaven Millercombe Queenminster
    Calbrook Millport Winness Whiteley Ironcliff Selholt Deepcrest Deepholt Kingwell Tamridge Hillham Calbury Selvale
    Whitecliff Coldgate Redgate Halby Queenmoor Ashridge Silverstead Ashby Summerstead Millcrest Blackness Coldburn
    Blackview Blackburn Hillminster Baymore Selcombe Summerminster Norwell Northwell Highstead Halhurst Baybrook Millmere
    Marfield Greenwell Northcombe Coldholt Holholt Calwell Deepwick Highness Sandminster Halmore Lakehaven Riverham
    Stonebury Silverness Ashton Kingley Queenburn Halvale Rockford Penstead Millvale Rockmore Riverwell Whitebury
    Riverhurst Saltbrook Corstead Upbury Silvercombe Lowburn Redford Greenworth Greenholt Reddale Blackholt Stanbridge`),
  siteKinds: words(`Foundry Mill Works Depot Yard Plant Harbour Quarry Brewery Dairy Terminal Laboratory Clinic Warehouse
    Bakery Refinery Station Workshop Mine Farm`),
};

export const DEV_VALUES: SplitValues = {
  firstNames: words('Aziz Bianca Daria Ewan Gina Hanna Ida Jana Jonas Kofi Leila Lior Magda Nell Nils Paola Rania Salma Tania Uma'),
  lastStems: words('Adl Bor Cor Dahl Eng Fisch Gund Heb Ivers Jor Krem Lam'),
  lastEndings: words('ow aux ian ens elli mann ich'),
  siteStems: words(`Redton Northvale Summercliff Lowridge Tamfield Highmere Belmore Silverhaven Longfield Rivercliff
    Blackhaven Rockby Rockcombe Whiteworth Riverwick Norhurst Ashcliff Corworth Sandcliff Millerstead Redridge
    Hillgate Greenford Coldfield`),
  siteKinds: words('Smelter Pier Kiln Hangar Hospital Vineyard'),
};

export const TEST_VALUES: SplitValues = {
  firstNames: words(`Anya Chidi Dora Helga Ines Jens Lois Marina Mina Olga Per Quentin Rhea Rowan Selma Silas Sonia
    Tamar Tilda Tina Wilma Yasmin Yusuf Zeno`),
  lastStems: words('Akk Bell Crow Drum Esch Frost Hag Kalt Lau Moss Niel Okaf Pra Stro'),
  lastEndings: words('ama ford ier ins ovic und worth'),
  siteStems: words(`Silvermoor Redbridge Redview Winridge Eastwick Ashhurst Lowbrook Millview Millerby Saltvale Coldside
    Sandcombe Lowmere Millridge Whitecrest Halcliff Woodness Sandholt Penwick Bayminster Stoneview Coldham Redbrook
    Hillford Deepbrook Silverbury Winbury Stonehurst Summerbrook Silverham Greenfield Queenbrook Selhaven Rockhaven
    Winview Ashport Penworth Stonevale Greenham Saltworth`),
  siteKinds: words('Tannery Observatory Cannery Airfield School Sawmill Shipyard Greenhouse'),
};

export const NOUNS = words(`pump lathe press boiler freezer crane mixer fan furnace turbine compressor conveyor grinder
  chiller robot hoist oven valve dryer shredder loader generator extruder centrifuge mill saw drill lift palletiser scale`);

export const VERBS = words(`replace repair clean adjust test reset swap patch check flush balance remove install trim
  level cool dry empty fasten fill heat lift lock mark measure mount move oil rotate scan service shim switch treat tune
  vent wrap cover fix`);

export const OBJECTS = [
  'bearing',
  'filter',
  'gasket',
  'motor',
  'belt',
  'sensor',
  'valve',
  'hose',
  'fuse',
  'panel',
  'switch',
  'cable',
  'shaft',
  'gear',
  'seal',
  'pipe',
  'nozzle',
  'bracket',
  'relay',
  'display',
  'brake',
  'clutch',
  'coupling',
  'blade',
  'drum',
  'oil tank',
  'air filter',
  'control box',
  'main shaft',
  'water pipe',
  'drive belt',
  'safety switch',
  'rear panel',
  'front cover',
  'fuel line',
  'heating coil',
  'cooling fan',
  'feed screw',
  'guide rail',
  'power cable',
  'gear box',
  'pressure gauge',
  'left roller',
  'right roller',
  'upper hinge',
  'lower hinge',
  'door lock',
  'exhaust pipe',
  'temperature probe',
  'reset button',
];

/** Letter pairs of asset tags. */
export const TAG_LETTERS = words(`AQ BK BQ BW BX BZ CK CQ CX CZ DK DQ DU DX DY DZ EH EK EQ EY EZ FG FJ FK FQ FU FV FX FZ GJ
  GK GQ GV GX GZ HG HJ HK HN HQ HW HX HY HZ JB JG JK JN JQ JT JX JZ KC KF KH KP KQ KR KT KV KW KX KY KZ LF LJ LK LN LQ LW
  LX LZ MQ MX MZ NQ NX PQ PW PX PZ QB QC QD QF QG QH QJ QK QM QN QP QS QT QV QW QX QZ RK RQ RX RZ SQ SX SZ TG TJ TK TQ TZ
  UH UJ UQ UY UZ VB VF VG VH VJ VK VN VQ VW VX VY VZ WB WF WJ WK WL WN WQ WV WX WY WZ XA XB XC XD XE XF XG XH XJ XK XM XN
  XQ XS XT XV XW XZ YB YC YD YF YG YH YJ YK YL YM YN YQ YR YT YV YW YX YZ ZB ZC ZD ZF ZG ZH ZJ ZK ZL ZM ZN ZP ZQ ZR ZS ZT`);
