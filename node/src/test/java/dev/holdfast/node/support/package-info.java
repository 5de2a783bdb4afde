/** For tests of peers, in this module and others: clients that behave, and clients that send whatever they like. */
package dev.holdfast.node.support;
