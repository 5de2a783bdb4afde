package dev.holdfast.node;

import java.util.List;

/** What a peer that is called insecure leaves open, and to whom, in words for its log. */
final class InsecureNotice {
    /**
     * @param self the peer that says so
     * @param members all of them, itself among them
     */
    static String of(Member self, List<Member> members) {
        if (members.stream().allMatch(Member::isLoopback)) {
            return "Peer " + self.id()
                    + " is called insecure without need, as all members are on loopback: leave it out";
        }
        return "Peer " + self.id() + " is INSECURE, as its configuration permits. Nothing is encrypted. Clients, on "
                + self.host() + ":" + self.clientPort()
                + ": whoever reaches it can read which locks there are and who holds"
                + " them, take and break any of them, and end any session; whoever is on the way can read and change what is"
                + " said. Members, on " + self.host() + ":" + self.raftPort()
                + ": only those with the secret get in, but"
                + " whoever is on the way can read what they say, and change it. Use it only in a network that is yours alone";
    }

    private InsecureNotice() {}
}
