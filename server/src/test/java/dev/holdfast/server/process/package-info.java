/** Child JVMs. */
package dev.holdfast.server.process;
