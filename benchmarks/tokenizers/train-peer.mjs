// Hugging Face's trainer through npm's @anush008/tokenizers: node train-peer.mjs TOKENIZER_JSON FILE
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const { Tokenizer } = require('@anush008/tokenizers');
const [, , json, file] = process.argv;
const tokenizer = Tokenizer.fromFile(json);
const start = process.hrtime.bigint();
tokenizer.train([file]);
console.log(JSON.stringify({ tokens: tokenizer.getVocabSize(), seconds: Number(process.hrtime.bigint() - start) / 1e9 }));
