// A program of its own that runs a plugin over two lines and says in JSON what came of it: `node FIXTURE COMPONENT INPUT [OPTIONS]`.
import { readFileSync } from 'node:fs';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';

const [component, file, options = '{}'] = process.argv.slice(2);
const pool = createParserPool();
const result = { texts: 0, logged: [], gaps: 0 };
try {
  const session = await IngestSession.open({
    component: await compile(readFileSync(component)),
    pool,
    plugin: 'giant',
    source: { file },
    onLog: ({ message }) => result.logged.push(message.length),
    ...JSON.parse(options),
  });
  for await (const element of session) {
    if (element.type === 'batch') for (const _item of element) result.texts++;
    if (element.type === 'gap') {
      result.gaps++;
      const { code, message, stack } = element.error;
      result.error = { code, message, stack };
    }
  }
} catch (error) {
  const { code, message, phase, stack } = error;
  result.error = { code, message, phase, stack };
}
await pool.close();
console.log(JSON.stringify(result));
