/** Lets one part of a run wait for what another part makes true. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  /** Something may have become true. */
  wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  /**
   * Waits until `holds`, looking again at each {@link wake}, at most `boundMs` milliseconds; for ever without it.
   *
   * @returns whether it holds.
   */
  async until(holds: () => boolean, boundMs?: number): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(holds());
      };
      const look = (): void => {
        if (holds()) finish();
      };
      const timer = boundMs === undefined ? undefined : setTimeout(finish, boundMs);
      this.#waiting.add(look);
    });
  }
}
