// The npm peers, one measurement in one process: node peers.mjs NAME VOCABULARY JSON WARM TEXT
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const [, , name, vocabulary, json, warmFile, textFile, mode] = process.argv;
const warm = readFileSync(warmFile, 'utf8'), text = readFileSync(textFile, 'utf8');
const bytes = readFileSync(textFile).length;
let encode, decode;
if (name === 'tiktoken') {
  const encoding = require('tiktoken').get_encoding(vocabulary === 'gpt2' ? 'gpt2' : 'cl100k_base');
  encode = t => encoding.encode_ordinary(t);
  decode = ids => encoding.decode(ids);
} else if (name === 'gpt-tokenizer') {
  const encoding = require(`gpt-tokenizer/encoding/${vocabulary === 'gpt2' ? 'r50k_base' : 'cl100k_base'}`);
  encode = t => encoding.encode(t, { disallowedSpecial: new Set() });
  decode = ids => encoding.decode(ids);
} else if (name === '@anush008/tokenizers') {
  const tokenizer = require('@anush008/tokenizers').Tokenizer.fromFile(json);
  encode = async t => (await tokenizer.encode(t, null, { addSpecialTokens: false })).getIds();
  decode = ids => tokenizer.decode(Array.from(ids), false);
} else if (name === '@huggingface/tokenizers') {
  const { Tokenizer } = require('@huggingface/tokenizers');
  const tokenizer = new Tokenizer(JSON.parse(readFileSync(json, 'utf8')), {});
  encode = t => tokenizer.encode(t, { add_special_tokens: false }).ids;
  decode = ids => tokenizer.decode(ids);
}
const seconds = () => Number(process.hrtime.bigint()) / 1e9;
if (mode === 'decode') {
  const ids = await encode(text), warmIds = await encode(warm);
  for (const end = seconds() + 1; seconds() < end;) await decode(warmIds);
  const start = seconds();
  await decode(ids);
  const took = seconds() - start;
  console.log(JSON.stringify({ bytes, tokens: ids.length, seconds: took, mb_per_s: +(bytes / 1e6 / took).toFixed(2) }));
} else {
  for (const end = seconds() + 1; seconds() < end;) await encode(warm);
  const start = seconds();
  const ids = await encode(text);
  const took = seconds() - start;
  console.log(JSON.stringify({ bytes, tokens: ids.length, seconds: took, mb_per_s: +(bytes / 1e6 / took).toFixed(2) }));
}
