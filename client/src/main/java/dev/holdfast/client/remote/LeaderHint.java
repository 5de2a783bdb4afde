package dev.holdfast.client.remote;

/** Who leads in the belief of some peer, and where clients reach it. May be out of date. */
public record LeaderHint(String peerId, HostPort address) {}
