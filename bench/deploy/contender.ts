import type { RenderedHost } from "./rendered";

/** The deployed configuration: the lab's balancer with this maxconn, and the files that the library renders for it. */
export interface Wanted {
  readonly maxconn: number;
  readonly hosts: readonly RenderedHost[];
}

/** One tool that configures the hosts. */
export interface Contender {
  readonly name: string;
  /** Whether it opens the firewall's ports, too. */
  readonly firewall: boolean;
  /** Runs before a first deploy and is not timed: removes the state and prepares the tools. */
  begin(): Promise<void>;
  /** Runs before each deploy and is not timed: the changes that a user would make by hand. */
  edit(wanted: Wanted): Promise<void>;
  /** The deploy itself. */
  deploy(): Promise<void>;
  /** Runs after each deploy and is not timed. */
  rest(): Promise<void>;
}
