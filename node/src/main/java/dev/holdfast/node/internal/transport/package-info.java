/**
 * How the members of a cluster talk to each other: proofs of membership, and frames with questions and answers.
 *
 * <p>It knows nothing of Raft; what is in a frame is bytes here.
 */
@NullMarked
package dev.holdfast.node.internal.transport;

import org.jspecify.annotations.NullMarked;
