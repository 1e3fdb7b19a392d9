/** Every entry point that is published can be imported, and exports nothing unchecked. */
import type * as batch from '@chipmunk-host/batch';
import type * as hosts from '@chipmunk-host/hosts';
import type * as manager from '@chipmunk-host/manager';
import type * as opentelemetry from '@chipmunk-host/manager/opentelemetry';
import type * as runtime from '@chipmunk-host/runtime';
import type * as sdk from '@chipmunk-host/sdk';
import type * as testing from '@chipmunk-host/sdk/testing';
import type * as sources from '@chipmunk-host/sources';
import type * as spool from '@chipmunk-host/spool';
import type * as portableSpool from '@chipmunk-host/spool/portable';
import { expectTrue, type Same, type Unchecked } from './expect.js';

expectTrue<Same<Unchecked<typeof batch>, never>>();
expectTrue<Same<Unchecked<typeof hosts>, never>>();
expectTrue<Same<Unchecked<typeof manager>, never>>();
expectTrue<Same<Unchecked<typeof opentelemetry>, never>>();
expectTrue<Same<Unchecked<typeof runtime>, never>>();
expectTrue<Same<Unchecked<typeof sdk>, never>>();
expectTrue<Same<Unchecked<typeof testing>, never>>();
expectTrue<Same<Unchecked<typeof spool>, never>>();
expectTrue<Same<Unchecked<typeof portableSpool>, never>>();
expectTrue<Same<Unchecked<typeof sources>, never>>();
// The statement itself can be false.
expectTrue<Same<Unchecked<{ a: ReturnType<typeof JSON.parse>; b: string }>, 'a'>>();
