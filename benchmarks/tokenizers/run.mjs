// Runs ModelDsl and the npm peers in turn, each measurement in a process of its own, and prints markdown tables.
//   node benchmarks/tokenizers/run.mjs DATA WORK [REPEATS [encode|decode|scaling [VOCABULARY]]]
// DATA: the folder of test data; WORK: an empty folder for the peers and the texts. Build the benchmark first:
//   dotnet build -c Release benchmarks/tokenizers
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url)), repository = resolve(here, '../..');
const [data, work] = process.argv.slice(2, 4).map(path => resolve(path));
const repeats = Number(process.argv[4] ?? 3);
const only = process.argv[5], chosen = process.argv[6];
const ours = join(here, 'bin/Release/net10.0/ModelDsl.Benchmarks.Tokenizers.dll');
const peers = ['tiktoken', 'gpt-tokenizer', '@anush008/tokenizers', '@huggingface/tokenizers'];
const vocabularies = { gpt2: join(data, 'tokenizers/tiktoken/r50k_base.tiktoken'), cl100k: join(data, 'tokenizers/tiktoken/cl100k_base.tiktoken') };

mkdirSync(work, { recursive: true });
if (!existsSync(join(work, 'node_modules/tiktoken'))) {
  writeFileSync(join(work, 'package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--silent', ...peers], { cwd: work, stdio: 'inherit' });
}
const sources = (folder, found = []) => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !['bin', 'obj'].includes(entry.name)) sources(join(folder, entry.name), found);
    else if (entry.name.endsWith('.cs')) found.push(readFileSync(join(folder, entry.name), 'utf8'));
  }
  return found;
};
const text = name => join(data, 'text', name), made = name => join(work, name);
writeFileSync(made('code.txt'), [...sources(join(repository, 'src')), ...sources(join(repository, 'generators'))].join('\n').replaceAll('<|', '< |').slice(0, 1 << 20)); // no special tokens: peers differ in whether they find them
writeFileSync(made('warm-code.txt'), sources(join(repository, 'tests')).join('\n').slice(0, 1 << 18));
// Each text with another of its kind to warm up on.
const texts = {
  English: [text('tinyshakespeare.txt'), text('botchan.txt')],
  code: [made('code.txt'), made('warm-code.txt')],
  Japanese: [text('languages/japanese.txt'), text('languages/korean.txt')],
};
const run = (command, args, options = {}) => {
  try { return JSON.parse(execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], ...options }).trim().split('\n').pop()); }
  catch { return null; }
};
const json = {};
for (const [name, file] of Object.entries(vocabularies)) execFileSync('dotnet', [ours, 'save', file, json[name] = made(name + '.json')]);
const best = results => results.filter(result => result).sort((a, b) => b.mb_per_s - a.mb_per_s)[0];
const cell = result => result ? result.mb_per_s.toFixed(1) : 'failed';

if (!only || only === 'encode') {
  console.log('| vocabulary | text | ' + ['ModelDsl', 'ModelDsl, 2 threads', ...peers].join(' | ') + ' | ratio to the fastest peer |');
  console.log('| --- | --- |' + ' ---: |'.repeat(peers.length + 3));
  for (const vocabulary of Object.keys(vocabularies).filter(name => !chosen || name === chosen))
    for (const [kind, [file, warm]] of Object.entries(texts)) {
      const rows = ['one', 'two', ...peers].map(() => []);
      for (let i = 0; i < repeats; i++) {
        rows[0].push(run('dotnet', [ours, 'encode', vocabularies[vocabulary], warm, file, '1']));
        rows[1].push(run('dotnet', [ours, 'encode', vocabularies[vocabulary], warm, file, '2']));
        peers.forEach((peer, p) => rows[p + 2].push(run('node', [join(here, 'peers.mjs'), peer, vocabulary, json[vocabulary], warm, file], { cwd: work })));
      }
      const results = rows.map(best);
      const counts = new Set([results[0], ...results.slice(2)].filter(result => result).map(result => result.tokens));
      const fastest = Math.max(...results.slice(2).filter(result => result).map(result => result.mb_per_s));
      console.log(`| ${vocabulary} | ${kind} | ${results.map(cell).join(' | ')} | ${(results[0].mb_per_s / fastest).toFixed(1)}x${counts.size > 1 ? ' (token counts differ: ' + [...counts] + ')' : ''} |`);
    }
}
if (!only || only === 'decode') {
  console.log('\n| decode, cl100k | ModelDsl | ' + peers.join(' | ') + ' |\n| --- |' + ' ---: |'.repeat(peers.length + 1));
  for (const [kind, [file, warm]] of Object.entries(texts)) {
    const results = [best(Array.from({ length: repeats }, () => run('dotnet', [ours, 'decode', vocabularies.cl100k, warm, file]))),
      ...peers.map(peer => best([run('node', [join(here, 'peers.mjs'), peer, 'cl100k', json.cl100k, warm, file, 'decode'], { cwd: work })]))];
    console.log(`| ${kind} | ${results.map(cell).join(' | ')} |`);
  }
}
if (!only || only === 'scaling') {
  for (const vocabulary of Object.keys(vocabularies))
    console.log(`\n${vocabulary}\n` + execFileSync('dotnet', [ours, 'scaling', vocabularies[vocabulary]], { encoding: 'utf8' }));
}
