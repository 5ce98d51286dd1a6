import type { RenderedHost } from "./rendered";

/** What is deployed: the lab's balancer with this maxconn, and what the library renders of it. */
export interface Wanted {
  readonly maxconn: number;
  readonly hosts: readonly RenderedHost[];
}

/** One way to bring the hosts to where they have to be. */
export interface Contender {
  readonly name: string;
  /** Whether it opens the firewall's ports, too. */
  readonly firewall: boolean;
  /** Before a first deploy, not timed: no state, and tools that are ready. */
  begin(): Promise<void>;
  /** Before each deploy, not timed: what somebody would have edited by hand. */
  edit(wanted: Wanted): Promise<void>;
  /** The deploy itself. */
  deploy(): Promise<void>;
  /** After each deploy, not timed. */
  rest(): Promise<void>;
}
