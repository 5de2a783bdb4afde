/** Configuration files, right and wrong. */
package dev.holdfast.server.config;
