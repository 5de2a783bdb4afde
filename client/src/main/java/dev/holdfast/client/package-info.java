/**
 * What applications call: definitions of lockables and owners, locks, semaphores, hooks and errors. No type of
 * the protocol shows in a signature; nothing of one transport, and no Ratis, may enter.
 */
@NullMarked
package dev.holdfast.client;

import org.jspecify.annotations.NullMarked;
