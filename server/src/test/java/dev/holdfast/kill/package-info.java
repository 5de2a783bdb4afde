/** Clusters of real processes, and what happens when these are killed, suspended, or out of disk. */
package dev.holdfast.kill;
