/** Clusters of real processes that are killed with SIGKILL and started again, under load. */
package dev.holdfast.kill;
