import type { Alerts } from '../page/alerts.svelte';
import type { Call } from '../run/connection';
import { type Choices, parametersOf, pretrainedFor, readChoices } from './settings';

/** What an address asks for; what it cannot have is said. */
export async function choicesFromAddress(
  query: string,
  call: <T>(work: Call<T>) => Promise<T>,
  alerts: Alerts,
): Promise<Choices> {
  const { choices, complaints, rules } = readChoices(query);
  const { settings, complaints: unfit } = await call((laboratory) => laboratory.fit(choices.settings, rules));
  for (const complaint of complaints) alerts.say(complaint);
  for (const complaint of unfit)
    alerts.say(`The address asks for what does not go: ${complaint}. What is recommended is used instead.`);
  // Where what did not fit is gone, the pretrained weights may fit again.
  const fits = pretrainedFor(settings, choices.data) && parametersOf(query).get('weights') === null;
  return { ...choices, settings, weights: fits ? 'pretrained' : choices.weights };
}
