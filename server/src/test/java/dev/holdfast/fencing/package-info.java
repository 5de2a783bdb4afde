/** Fencing tokens against holders that were paused, on a real database. */
package dev.holdfast.fencing;
