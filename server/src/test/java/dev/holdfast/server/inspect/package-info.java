/** The commands that look at a cluster, in the test's JVM. */
package dev.holdfast.server.inspect;
