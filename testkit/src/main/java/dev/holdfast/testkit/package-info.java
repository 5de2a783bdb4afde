/**
 * For users' unit tests: a cluster of one peer in memory, with time and failures at the test's command. Nothing of the
 * product may depend on it.
 */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
