// A program that ends as soon as it is started: one that a pool is made for but that worker-pool.test.ts never runs.
export default function run() {}
