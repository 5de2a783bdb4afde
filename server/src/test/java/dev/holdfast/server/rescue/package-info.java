/** Commands for when things have gone wrong, and for before. */
package dev.holdfast.server.rescue;
