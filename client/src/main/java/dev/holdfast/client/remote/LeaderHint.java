package dev.holdfast.client.remote;

/**
 * Which peer some peer believes to lead, and where clients reach it. May be out of date.
 *
 * @param peerId the id of the peer that leads; empty if it is not known
 * @param address where that peer serves clients
 */
public record LeaderHint(String peerId, HostPort address) {}
