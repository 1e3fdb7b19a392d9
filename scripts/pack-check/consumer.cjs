// The same as CommonJS, with `require`.
const { writeFileSync } = require('node:fs');
const { PluginsManager, createParseTransform } = require('@chipmunk-host/manager');
const { readElement } = require('@chipmunk-host/batch');

writeFileSync('input.log', 'three\nfour\n');
async function consume() {
  const manager = await PluginsManager.open({ directory: process.cwd(), load: 'lazy' });
  try {
    const texts = [];
    const transform = createParseTransform(manager, { plugin: 'string-parser' }, { as: 'batches' });
    transform.write('one\n');
    transform.end('two\n');
    for await (const batch of transform) for (const item of readElement(batch.bytes)) texts.push(item.text);
    const session = await manager.ingest({ source: { file: 'input.log' }, parser: { plugin: 'string-parser' } });
    for (const { text } of await session.collect()) texts.push(text);
    return texts.join(' ');
  } finally {
    await manager.close();
  }
}

consume().then(console.log);
