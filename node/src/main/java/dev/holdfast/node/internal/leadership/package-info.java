/** Who leads: watching the leader, probing its term, standing for election, and handing leadership over or spreading it over the members. */
@NullMarked
package dev.holdfast.node.internal.leadership;

import org.jspecify.annotations.NullMarked;
