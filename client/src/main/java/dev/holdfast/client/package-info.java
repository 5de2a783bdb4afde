/**
 * What applications call: definitions of lockables and owners, locks, semaphores, hooks and errors. Protocol records may
 * show through in enums only; nothing of one transport, and no Ratis, may enter.
 */
@NullMarked
package dev.holdfast.client;

import org.jspecify.annotations.NullMarked;
