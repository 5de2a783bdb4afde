----------------------------- MODULE Membership -----------------------------
(***************************************************************************)
(* Members whose disks may be lost, and changes of the configuration, on as *)
(* much of Raft as decides whether they are safe. How a cluster is born is  *)
(* Birth.tla; here it is born, and a leads it in term 1.                    *)
(*                                                                          *)
(* A name has one data folder, and the folder has an incarnation, here the  *)
(* number of folders that were lost before it. Term, vote and log are in    *)
(* the folder. What a folder has promised (a vote, an acknowledgement) was   *)
(* heard by others, and is remembered by them when the folder is lost.      *)
(*                                                                          *)
(* A configuration is a set of incarnations. While it changes there are two *)
(* (Raft's joint consensus, as Ratis does it), and a majority of each is    *)
(* needed, for elections and for commits. The newest one in a log counts,   *)
(* committed or not. A new leader begins by repeating it in its own term.   *)
(*                                                                          *)
(* A message is lost by not being taken, a peer is down by doing nothing,   *)
(* and a leader that restarts is one that stands again. A leader's log is   *)
(* sent as a whole. Tokens are counted by the log, as in the machine.       *)
(*                                                                          *)
(* Bug switches one defect on; see the configurations in fail/.             *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
    a, b, c, d,     \* names
    Spares,         \* {d}, or nobody: running, and in no configuration at first
    Kinds,          \* of changes: "replace", "add", "remove"
    MaxTerm, MaxLosses, MaxTokens, MaxAsked,   \* bounds of the model
    Bug             \* "none", or the name of a defect

VARIABLES
    gen,            \* [name]: its folder's incarnation
    term, log,      \* [name]: what is in its folder
    lead, match,    \* [name]: whether it leads; [incarnation]: how much of its log was acknowledged to it
    votes,          \* {<<term, candidate, voter>>}, of incarnations
    asked,          \* changes that somebody asked for: [base, new]
    elected, committed, committedIn, granted, wrong   \* ghosts

vars == <<gen, term, log, lead, match, votes, asked, elected, committed, committedIn, granted, wrong>>

Names == {a, b, c} \cup Spares
Incarnations == Names \X (0..MaxLosses)

Inc(n) == <<n, gen[n]>>

(* As whom an incarnation counts. The old identity was the name alone. *)
As(i) == IF Bug = "old identity" THEN <<i[1], 0>> ELSE i

Max(S) == CHOOSE x \in S : \A y \in S : y <= x

Configuration(t, n, old, new) == [term |-> t, by |-> n, old |-> old, new |-> new]
Token(t, n) == [term |-> t, by |-> n, old |-> {}, new |-> {}]
IsToken(e) == e.new = {}

(* Where the configuration that n goes by is in its log; 0 if it has none. *)
InForceAt(n) ==
    Max({0} \cup {i \in 1..Len(log[n]) :
        /\ ~IsToken(log[n][i])
        /\ ~(Bug = "change forgotten" /\ log[n][i].old # {} /\ log[n][i].term < term[n])})

InForce(n) == IF InForceAt(n) = 0 THEN Configuration(0, n, {}, {}) ELSE log[n][InForceAt(n)]

Named(conf) == conf.old \cup conf.new

Majority(S, members) == Cardinality(S \cap members) * 2 > Cardinality(members)

Enough(S, conf) ==
    LET counted == {As(i) : i \in S} IN
    Majority(counted, conf.new) /\ (conf.old = {} \/ Majority(counted, conf.old))

(* Counted, although the configuration does not name this incarnation. *)
Strangers(S, conf) == \E i \in S : As(i) \in Named(conf) /\ i \notin Named(conf)

Acknowledged(n, i) == {Inc(n)} \cup {j \in Incarnations : match[n][j] >= i}

(* Raft: a leader commits by an entry of its own term, and all before it. *)
CommitIndex(n) ==
    Max({0} \cup {i \in 1..Len(log[n]) : log[n][i].term = term[n] /\ Enough(Acknowledged(n, i), InForce(n))})

TokensIn(l) == Len(SelectSeq(l, IsToken))
Grants(l) == {<<TokensIn(SubSeq(l, 1, i)), l[i].term, l[i].by>> : i \in {j \in 1..Len(l) : IsToken(l[j])}}
Agree(l, m) == \A i \in 1..Len(l) : i <= Len(m) => l[i] = m[i]

NoMatch == [i \in Incarnations |-> 0]

----------------------------------------------------------------------------

First == Configuration(1, a, {}, {<<a, 0>>, <<b, 0>>, <<c, 0>>})

Init ==
    /\ gen = [n \in Names |-> 0]
    /\ term = [n \in Names |-> IF n \in Spares THEN 0 ELSE 1]
    /\ log = [n \in Names |-> IF n \in Spares THEN <<>> ELSE <<First>>]
    /\ lead = [n \in Names |-> n = a]
    /\ match = [n \in Names |-> [i \in Incarnations |-> IF n = a /\ i \in First.new \ {<<a, 0>>} THEN 1 ELSE 0]]
    /\ votes = {} /\ asked = {}
    /\ elected = {<<1, <<a, 0>>>>} /\ committed = <<First>> /\ committedIn = 1 /\ granted = {} /\ wrong = {}

(* The folder is lost with all that is in it; the name comes back with an empty one. *)
LoseDisk(n) ==
    /\ Cardinality({i \in Incarnations : i[2] < gen[i[1]]}) < MaxLosses
    /\ gen' = [gen EXCEPT ![n] = @ + 1]
    /\ term' = [term EXCEPT ![n] = 0]
    /\ log' = [log EXCEPT ![n] = <<>>]
    /\ lead' = [lead EXCEPT ![n] = FALSE]
    /\ match' = [match EXCEPT ![n] = NoMatch]
    /\ UNCHANGED <<votes, asked, elected, committed, committedIn, granted, wrong>>

(* ---- elections ---- *)

LastTerm(n) == IF log[n] = <<>> THEN 0 ELSE log[n][Len(log[n])].term

(* Who has taken an entry of this term has a leader, and stands no longer: its configuration may be another by now. *)
Stands(n) ==
    /\ <<term[n], Inc(n), Inc(n)>> \in votes /\ ~lead[n]
    /\ LastTerm(n) < term[n] \/ Bug = "candidate goes on"

Stand(n) ==
    /\ term[n] < MaxTerm
    /\ As(Inc(n)) \in Named(InForce(n))
    /\ term' = [term EXCEPT ![n] = @ + 1]
    /\ lead' = [lead EXCEPT ![n] = FALSE]
    /\ match' = [match EXCEPT ![n] = NoMatch]
    /\ votes' = votes \cup {<<term[n] + 1, Inc(n), Inc(n)>>}
    /\ UNCHANGED <<gen, log, asked, elected, committed, committedIn, granted, wrong>>

UpToDate(m, n) == LastTerm(m) > LastTerm(n) \/ (LastTerm(m) = LastTerm(n) /\ Len(log[m]) >= Len(log[n]))

(* n may not know any configuration yet. The candidate asks whom its own configuration names. *)
Vote(n, m) ==
    /\ n # m /\ Stands(m) /\ As(Inc(n)) \in Named(InForce(m))
    /\ term[n] <= term[m] /\ UpToDate(m, n)
    /\ \A v \in votes : v[1] = term[m] => v[3] # Inc(n)
    /\ votes' = votes \cup {<<term[m], Inc(m), Inc(n)>>}
    /\ term' = [term EXCEPT ![n] = term[m]]
    /\ lead' = [lead EXCEPT ![n] = FALSE]
    /\ match' = [match EXCEPT ![n] = NoMatch]
    /\ UNCHANGED <<gen, log, asked, elected, committed, committedIn, granted, wrong>>

Win(n) ==
    LET voters == {i \in Incarnations : <<term[n], Inc(n), i>> \in votes}
        conf == InForce(n)
    IN
    /\ Stands(n) /\ Enough(voters, conf)
    /\ lead' = [lead EXCEPT ![n] = TRUE]
    /\ log' = [log EXCEPT ![n] = Append(@, Configuration(term[n], n, conf.old, conf.new))]
    /\ elected' = elected \cup {<<term[n], Inc(n)>>}
    /\ wrong' = IF Strangers(voters, conf) THEN wrong \cup {"a vote of nobody was counted"} ELSE wrong
    /\ UNCHANGED <<gen, term, match, votes, asked, committed, committedIn, granted>>

(* ---- the log ---- *)

Write(n, entry) ==
    /\ log' = [log EXCEPT ![n] = Append(@, entry)]
    /\ UNCHANGED <<gen, term, lead, match, votes, asked, elected, committed, committedIn, granted, wrong>>

Acquire(n) == lead[n] /\ TokensIn(log[n]) < MaxTokens /\ Write(n, Token(term[n], n))

Replicate(n, m) ==
    /\ lead[n] /\ n # m /\ As(Inc(m)) \in Named(InForce(n))
    /\ term[m] < term[n] \/ (term[m] = term[n] /\ ~lead[m])
    /\ log[m] # log[n] \/ match[n][Inc(m)] # Len(log[n])
    /\ log' = [log EXCEPT ![m] = log[n]]
    /\ term' = [term EXCEPT ![m] = term[n]]
    /\ lead' = [lead EXCEPT ![m] = FALSE]
    /\ match' = [match EXCEPT ![m] = NoMatch, ![n][Inc(m)] = Len(log[n])]
    /\ UNCHANGED <<gen, votes, asked, elected, committed, committedIn, granted, wrong>>

(* What is committed is applied, and answered. *)
Commit(n) ==
    LET done == SubSeq(log[n], 1, CommitIndex(n))
        longer == Agree(done, committed) /\ Len(done) > Len(committed)
    IN
    /\ lead[n]
    /\ longer \/ (~Agree(done, committed) /\ ~(Grants(done) \subseteq granted))
    /\ committed' = IF longer THEN done ELSE committed
    /\ committedIn' = IF longer THEN term[n] ELSE committedIn
    /\ granted' = granted \cup Grants(done)
    /\ wrong' = wrong \cup (IF longer THEN {} ELSE {"two histories were committed"})
                      \cup (IF Strangers(Acknowledged(n, Len(done)), InForce(n))
                            THEN {"an acknowledgement of nobody was counted"} ELSE {})
    /\ UNCHANGED <<gen, term, log, lead, match, votes, asked, elected>>

(* ---- changes ---- *)

Fresh(n) == {i \in {Inc(m) : m \in Names} : \A k \in 1..Len(log[n]) : i \notin Named(log[n][k])}

Without(members, i) == {m \in members : m # i}

Changes(n, members) ==
    (IF "replace" \in Kinds
     THEN {Without(members, i) \cup {j} : <<i, j>> \in {p \in members \X Fresh(n) :
               \A m \in Without(members, p[1]) : m[1] # p[2][1]}} ELSE {})
    \cup (IF "add" \in Kinds
          THEN {members \cup {j} : j \in {f \in Fresh(n) : \A m \in members : m[1] # f[1]}} ELSE {})
    \cup (IF "remove" \in Kinds /\ Cardinality(members) > 1
          THEN {Without(members, i) : i \in members} ELSE {})

(* Somebody looks at what a leader shows, and asks for a change of that. The request may be late, and be repeated. *)
Ask(n) ==
    /\ lead[n] /\ Cardinality(asked) < MaxAsked
    /\ InForce(n).old = {} \/ Bug = "two changes at once"
    /\ \E new \in Changes(n, InForce(n).new) : asked' = asked \cup {[base |-> InForce(n).new, new |-> new]}
    /\ UNCHANGED <<gen, term, log, lead, match, votes, elected, committed, committedIn, granted, wrong>>

Settled(n) == InForce(n).old = {} /\ InForceAt(n) <= CommitIndex(n)

Change(n, r) ==
    /\ lead[n]
    /\ Settled(n) \/ Bug = "two changes at once"
    /\ InForce(n).new = r.base \/ Bug = "no compare and set"
    /\ InForce(n).new # r.new
    /\ Write(n, Configuration(term[n], n, IF Bug = "newcomer counts at once" THEN {} ELSE InForce(n).new, r.new))

(* By whoever leads. *)
Finish(n) ==
    /\ lead[n] /\ InForce(n).old # {} /\ InForceAt(n) <= CommitIndex(n)
    /\ Write(n, Configuration(term[n], n, {}, InForce(n).new))

Next ==
    \/ \E n \in Names :
           LoseDisk(n) \/ Stand(n) \/ Win(n) \/ Acquire(n) \/ Commit(n) \/ Ask(n) \/ Finish(n)
    \/ \E n, m \in Names : Vote(n, m) \/ Replicate(n, m)
    \/ \E n \in Names, r \in asked : Change(n, r)

Symmetry == Permutations({b, c})

Spec == Init /\ [][Next]_vars

----------------------------------------------------------------------------

NoTokenTwice == \A g, h \in granted : g[1] = h[1] => g = h

OneLeaderPerTerm == \A e, f \in elected : e[1] = f[1] => e = f

LaterLeadersKnow ==
    \A n \in Names : lead[n] /\ term[n] >= committedIn => Len(log[n]) >= Len(committed) /\ Agree(committed, log[n])

NothingWrong == wrong = {}

(* Who has left a configuration stays out of it, and a name is in it once. *)
NobodyComesBack ==
    \A n \in Names : LET l == log[n] IN
        /\ \A i, j, k \in 1..Len(l) :
               i < j /\ j < k /\ ~IsToken(l[i]) /\ ~IsToken(l[j]) /\ ~IsToken(l[k])
                   => l[i].new \cap l[k].new \subseteq l[j].new
        /\ \A i \in 1..Len(l) : \A p, q \in l[i].new : p[1] = q[1] => p = q

(* Must be broken: a lost disk is replaced, and tokens are granted after that. *)
NeverGoesOn ==
    ~\E i, j \in 1..Len(committed) :
        /\ i < j /\ IsToken(committed[j])
        /\ committed[i].old = {} /\ \E m \in committed[i].new : m[2] > 0

(* c is down; alice is granted token 1 by a and b; both stop, and b's folder is lost; b and c start. *)
TheCase ==
    /\ gen'[a] = 0 /\ gen'[c] = 0
    /\ gen'[b] = 0 => term'[c] = term[c] /\ log'[c] = log[c]
    /\ gen[b] = 0 /\ gen'[b] = 1 => granted # {}
    /\ gen[b] = 1 => term'[a] = term[a] /\ log'[a] = log[a] /\ lead'[a] = lead[a]
=============================================================================
