/** Tells the people who run the shop; loaded only when there is something to tell. */
export function report(status: number): void {
  console.warn(`the catalogue answered ${status}`);
}
