import { readQuery } from '../settings/query';

/** Which panel a page of somebody else's shows in its frame. */
export const EMBEDS = ['goodness', 'layers', 'curve'] as const;
export type Embed = (typeof EMBEDS)[number];

/** What fits into less would be nothing: CSS pixels. */
export const LEAST: Record<Embed, { width: number; height: number }> = {
  goodness: { width: 280, height: 320 },
  layers: { width: 280, height: 240 },
  curve: { width: 280, height: 240 },
};

/** The panel that an address asks for; for one that nobody has, why the whole page is shown. */
export function readEmbed(query: string): { embed?: Embed; complaint?: string } {
  const text = readQuery(query, ['embed']).get('embed');
  if (text === null) return {};
  const embed = EMBEDS.find((name) => name === text.toLowerCase());
  if (embed) return { embed };
  const why = `embed must be one of ${EMBEDS.join(', ')}`;
  return { complaint: `The address says embed=${text.slice(0, 40)}, but ${why}; the whole page is shown instead.` };
}

/** That a frame is too small for its panel, and how large it should be. */
export function tooSmall(embed: Embed, width: number, height: number): string | undefined {
  const least = LEAST[embed];
  return width < least.width || height < least.height
    ? `This frame is ${width}×${height} pixels, and the panel needs ${least.width}×${least.height}.`
    : undefined;
}
