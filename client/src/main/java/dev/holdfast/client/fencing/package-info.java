/**
 * Fencing tokens, put to use where something is written. A lock alone cannot stop a holder that was paused for longer than
 * its lease: it wakes up, believes in its lock for another moment, and writes. What is written to can stop it, if it sees the
 * token of each write and refuses those below the highest that it has seen.
 */
@NullMarked
package dev.holdfast.client.fencing;

import org.jspecify.annotations.NullMarked;
