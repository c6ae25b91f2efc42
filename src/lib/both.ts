/** Waits for both even when one fails, then throws the first error: nothing goes on in the background after a failure. */
export async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
