/**
 * Who leads: watching the leader, asking peers for their terms, standing for election, and handing leadership over or
 * spreading it over the members. What a group is to Ratis is not known here; the adapter implements the interfaces.
 */
@NullMarked
package dev.holdfast.node.internal.leadership;

import org.jspecify.annotations.NullMarked;
