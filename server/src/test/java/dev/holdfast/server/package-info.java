/** Commands, each as a process or in the test's JVM, for tests. */
package dev.holdfast.server;
