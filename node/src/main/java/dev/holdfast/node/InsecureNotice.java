package dev.holdfast.node;

import java.util.ArrayList;
import java.util.List;

/** What a peer that is called insecure leaves open, and to whom, in words for its log. */
final class InsecureNotice {
    /**
     * @param self the peer that says so
     * @param members all of them, itself among them
     * @param membersTls whether members talk to each other over TLS
     * @param clientsTls whether clients talk to members over TLS
     */
    static String of(Member self, List<Member> members, boolean membersTls, boolean clientsTls) {
        String peer = "Peer " + self.id();
        if (members.stream().allMatch(Member::isLoopback)) {
            return peer + " is called insecure without need, as all members are on loopback: leave it out";
        }
        if (membersTls && clientsTls) {
            return peer + " is called insecure without need, as all that it says is encrypted: leave it out";
        }
        List<String> open = new ArrayList<>();
        if (!clientsTls) {
            open.add("Clients, on " + self.host() + ":" + self.clientPort()
                    + ": whoever reaches it can read which locks there are and who holds"
                    + " them, take and break any of them, and end any session; whoever is on the way can read and change what"
                    + " is said");
        }
        if (!membersTls) {
            open.add("Members, on " + self.host() + ":" + self.raftPort()
                    + ": only those with the secret get in, but"
                    + " whoever is on the way can read what they say, and change it");
        }
        return peer + " is INSECURE, as its configuration permits. "
                + (open.size() == 2 ? "Nothing is encrypted. " : "") + String.join(". ", open)
                + ". Use it only in a network that is yours alone";
    }

    private InsecureNotice() {}
}
