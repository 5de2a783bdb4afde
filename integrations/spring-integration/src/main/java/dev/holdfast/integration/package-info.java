/** Locks of Holdfast for Spring Integration. Sees the client and Spring Integration's core. */
@NullMarked
package dev.holdfast.integration;

import org.jspecify.annotations.NullMarked;
