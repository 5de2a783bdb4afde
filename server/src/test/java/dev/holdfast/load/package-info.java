/** Too much of everything, on real peers, while a client that behaves must not notice. */
package dev.holdfast.load;
