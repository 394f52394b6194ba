// Chance that a seed decides, so that a run can be repeated.
export class Chance {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** The next number below 1 (mulberry32). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(bound) {
    return Math.floor(this.next() * bound);
  }

  odds(share) {
    return this.next() < share;
  }

  of(list) {
    return list[this.below(list.length)];
  }

  /** Some of them, in a lot's order. */
  some(list, most) {
    const rest = [...list];
    const taken = [];
    while (rest.length > 0 && taken.length < most) taken.push(rest.splice(this.below(rest.length), 1)[0]);
    return taken;
  }
}
