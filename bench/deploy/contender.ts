import type { RenderedHost } from "./rendered";

/**
 * The configuration to deploy: the lab's balancer with this maxconn, and the files that the library renders for this
 * balancer.
 */
export interface Wanted {
  readonly maxconn: number;
  readonly hosts: readonly RenderedHost[];
}

/** A tool that configures the hosts: the library itself, or a tool that the bench compares with the library. */
export interface Contender {
  readonly name: string;
  /** Whether the tool also opens the ports in the hosts' firewall. */
  readonly firewall: boolean;
  /** Empties the tool's working folder and prepares the tool, before a first deploy. The bench does not time this. */
  begin(): Promise<void>;
  /** Makes the changes that a user would make by hand before a deploy. The bench does not time this. */
  edit(wanted: Wanted): Promise<void>;
  /** The deploy itself. */
  deploy(): Promise<void>;
  /**
   * Removes what would make the next deploy faster, such as open connections. Runs after each deploy. The bench does
   * not time this.
   */
  rest(): Promise<void>;
}
