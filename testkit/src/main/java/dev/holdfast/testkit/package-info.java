/**
 * For users' unit tests: a cluster of one peer in memory, whose time and failures the test controls. Nothing that is not a
 * test may depend on it.
 */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
