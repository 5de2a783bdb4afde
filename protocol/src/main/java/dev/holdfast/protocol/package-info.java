/**
 * The vocabulary that clients, peers and the state machine share: commands, outcomes, events, queries and answers as
 * immutable records. No I/O, no threads and no clocks belong here.
 */
@NullMarked
package dev.holdfast.protocol;

import org.jspecify.annotations.NullMarked;
