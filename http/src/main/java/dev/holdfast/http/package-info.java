/** A door into a peer for people and programs that speak HTTP: its health, and what it measures. */
@NullMarked
package dev.holdfast.http;

import org.jspecify.annotations.NullMarked;
