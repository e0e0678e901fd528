/** What the tour says at its stops, and what there is to do. */
import type { Unfolded } from './unfolded.svelte';
import type { Drawing } from '../drawing/drawing.svelte';
import type { Lab } from '../run/lab.svelte';

export interface Stop {
  title: string;
  text: string;
  /** What to do there, the button that does it, and whether it is done. */
  task: string;
  button: string;
  act: () => void;
  done: () => boolean;
  /** The part of the page it speaks of. */
  target: string;
}

/** `votes` is who had a say when the tour came to that stop. */
export function stops(lab: Lab, drawing: Drawing, unfolded: Unfolded): Stop[] {
  let votes: readonly boolean[] | undefined;
  let steps: number | undefined;
  return [
    {
      title: 'A network that already reads',
      text: 'Nothing was sent anywhere: a small network in this page reads what you draw, as 28×28 pixels. It was never taught by an error sent backward.',
      task: 'Draw a digit, any size.',
      button: 'Lay a test image on the pad',
      act: () => void drawing.sample(),
      done: () => !drawing.untouched && !drawing.empty,
      target: 'section[aria-labelledby=you]',
    },
    {
      title: 'Ten questions, one answer',
      text: 'To read a digit, each label in turn is written into its first pixels. The label under which the layers are liveliest wins. Layer 1 sees the label itself and has no say.',
      task: 'Take a layer out of the vote, and see whether the answer holds.',
      button: 'Tick layer 1 or take it out',
      act: () => drawing.toggleVote(0),
      done: () => {
        if (drawing.votes.length === 0) return false;
        votes ??= drawing.votes;
        return drawing.votes.join() !== votes.join();
      },
      target: 'section[aria-labelledby=why]',
    },
    {
      title: 'Goodness, and a line',
      text: 'A layer’s goodness is the sum of its squared activities. Pictures with their true label (+) should lie right of θ, with a wrong one (−) left of it. Each layer sees to that by itself.',
      task: 'Let it learn from one batch.',
      button: 'Step',
      act: () => void lab.step(),
      done: () => {
        steps ??= lab.run.progress?.step ?? 0;
        return (lab.run.progress?.step ?? 0) > steps;
      },
      target: 'section[aria-labelledby=network]',
    },
    {
      title: 'From nothing',
      text: 'Random weights know nothing: both heaps lie on top of one another, and nine of ten digits are misread. Then, batch by batch, they part.',
      task: 'Teach it from nothing, and watch the verdict on your drawing waver and settle.',
      button: 'Teach it from nothing',
      act: () => void lab.teachFromNothing(),
      done: () => lab.choices?.weights === 'random' && (lab.run.progress?.images_seen ?? 0) > 1000,
      target: '.transport',
    },
    {
      title: 'What it learns to reject',
      text: 'A negative is a real picture with a wrong label, framed in its first pixels. Most wrong labels are soon too easy and teach little. The network learns most from those that it finds likely itself.',
      task: 'Slow it down to see each batch’s.',
      button: 'Slow motion',
      act: () => {
        void lab.setSpeed('slow motion');
        if (lab.status === 'ready' || lab.status === 'paused') void lab.train();
      },
      done: () => lab.speed === 'slow motion',
      target: 'section[aria-labelledby=negatives]',
    },
    {
      title: 'Follow one picture',
      text: 'One picture, twice: with its label above, with a wrong one below. See each layer’s activities, their sum of squares against θ, and what the next step will do to each weight of a unit. Nothing flows back.',
      task: 'Unfold it, and choose a unit.',
      button: 'Follow one picture',
      act: () => {
        unfolded.follow = true;
        unfolded.show('follow');
      },
      done: () => unfolded.follow,
      target: '#follow, [aria-controls=follow]',
    },
    {
      title: 'How good is it?',
      text: 'On pictures it never learned from: once by goodness, with ten passes, and once by a softmax on top, with one. While it learns a few test images are read every second; at rest there is time for all.',
      task: 'Measure on all test images.',
      button: 'Measure all',
      act: () => lab.measureAll(),
      done: () => (lab.run.evaluation?.images ?? 0) >= (lab.data?.test ?? Infinity),
      target: 'section[aria-labelledby=curves]',
    },
    {
      title: 'Ask it',
      text: 'Which strokes speak for a label? What if θ were elsewhere? And what is no digit at all: does any label reach θ? If not, teach it to reject your drawing.',
      task: 'Unfold it, and draw a cross.',
      button: 'Draw a cross',
      act: () => {
        unfolded.ask = true;
        unfolded.show('ask');
        drawing.cross();
      },
      done: () => unfolded.ask,
      target: '#ask, [aria-controls=ask]',
    },
  ];
}
