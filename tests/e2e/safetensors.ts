/** Safetensors, as far as the tests look into them: a header in JSON, and the tensors' bytes behind it. */
export interface Checkpoint {
  header: Record<string, { data_offsets?: [number, number] } & Record<string, unknown>>;
  data: Buffer;
}

export function parse(file: Buffer): Checkpoint {
  const length = Number(file.readBigUInt64LE(0));
  return {
    header: JSON.parse(file.subarray(8, 8 + length).toString()) as Checkpoint['header'],
    data: file.subarray(8 + length),
  };
}

export function write({ header, data }: Checkpoint): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

/** The checkpoint with every number of a tensor replaced. */
export function filled(file: Buffer, tensor: string, value: number): Buffer {
  const { header, data } = parse(file);
  const [from, to] = header[tensor]!.data_offsets!;
  const changed = Buffer.from(data);
  for (let at = from; at < to; at += 4) changed.writeFloatLE(value, at);
  return write({ header, data: changed });
}
