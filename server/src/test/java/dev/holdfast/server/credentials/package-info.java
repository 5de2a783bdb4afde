/** What the commands make, read back. */
package dev.holdfast.server.credentials;
