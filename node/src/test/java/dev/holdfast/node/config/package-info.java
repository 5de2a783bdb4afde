/** Configuration files, right and wrong. */
package dev.holdfast.node.config;
