/** How the two kinds of summaries are worded. Those of dev and test occur nowhere in train, those of test nowhere in dev. */
import type { SplitName } from './incident-reports.js';

interface Phrases {
  openings: string[];
  closings: string[];
}

export const CALM: Record<SplitName, Phrases> = {
  train: {
    openings: [
      '{asset} at {site} is out of service.',
      'Fault on {asset} at {site}, repair requested.',
      '{site} reports a fault on {asset}.',
      'At {site}, {asset} has stopped and is waiting for a technician.',
      '{asset} at {site} needs a repair before its next use.',
      'A defect on {asset} was recorded at {site}.',
      'The crew of {site} took {asset} out of operation.',
      '{asset} is down; {site} has been informed.',
      'Work on {asset} at {site} is paused until it has been checked.',
      '{site} asks for a repair of {asset}.',
    ],
    closings: [
      'The area is closed off.',
      'Nobody was hurt, as far as the report says.',
      'The workshop has the ticket.',
      'The next shift should check it first.',
      'Production goes on with the other machines.',
      'A technician has been asked to look at it.',
      'Further details are in the report.',
      'The repair will be planned this week.',
    ],
  },
  dev: {
    openings: [
      '{asset} in {site} was switched off after a fault.',
      'Recorded at {site}: {asset} is not available.',
      'Maintenance is due on {asset}, {site}.',
      'The fault on {asset} at {site} has been logged.',
    ],
    closings: ['The shift leader knows about it.', 'Spare parts have been ordered.', 'A follow-up is planned for tomorrow.'],
  },
  test: {
    openings: [
      '{asset} at {site} does not run at the moment.',
      'For the log: {asset}, {site}, defect reported.',
      '{site} has one machine less today, {asset}.',
      'Please note that {asset} at {site} is under repair.',
      'The report from {site} concerns {asset}, which has failed.',
    ],
    closings: ['It can wait until the morning.', 'The team has marked the machine.', 'Nothing else is affected.', 'The office has a copy.'],
  },
};

export const ALARMED: Record<SplitName, Phrases> = {
  train: {
    openings: [
      'Disaster at {site}! {asset} has given up on us!',
      'This is a nightmare, {asset} at {site} is dead!',
      'Help! Everything at {site} is falling apart because of {asset}!',
      'Unbelievable!!! {asset} at {site} again!!!',
      'Oh no, {asset} has ruined the whole day at {site}!',
      'Total chaos at {site}, and {asset} is to blame!',
      'I cannot believe what {asset} has done to {site}!',
      'The worst has happened: {asset} at {site} is broken!',
      'Panic at {site}! Nobody knows what to do about {asset}!',
      'What a catastrophe! {asset} at {site}!',
    ],
    closings: [
      'We are all doomed!',
      'Somebody do something, now!!!',
      'It could not be any worse!',
      'Heads will roll for this!',
      'I have never seen such a mess!',
      'Everyone is furious!',
      'This will end in tears!',
      'Drop everything and run!',
    ],
  },
  dev: {
    openings: [
      'Horrible news from {site}, {asset} is finished!',
      'Red alert!!! {asset} at {site} is gone!',
      'How could this happen to {asset} at {site}?!',
      'It is the end for {asset}, and perhaps for {site} too!',
    ],
    closings: ['Absolutely terrifying!', 'I am shaking as I write this!', 'Why does nobody ever listen?!'],
  },
  test: {
    openings: [
      'Shocking scenes at {site}: {asset} has collapsed!',
      'Alarm, alarm! {asset} at {site} is a wreck!',
      'Heaven help us, {asset} at {site} is lost!',
      'My worst fears have come true at {site}, thanks to {asset}!',
      'Madness at {site}!!! It is {asset}!!!',
    ],
    closings: ['This is a scandal!', 'Nothing will ever be the same!', 'Run for your lives!', 'What on earth are we to do?!'],
  },
};
