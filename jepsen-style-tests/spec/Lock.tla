-------------------------------- MODULE Lock --------------------------------
(***************************************************************************)
(* One mutex of Holdfast: its log as a sequence of atomic steps, clients    *)
(* that believe, a leader that drives log time, and a resource that the     *)
(* fencing token guards.                                                    *)
(*                                                                          *)
(* Time is `now`, the same for all: drift is what the margin is for, and is *)
(* left out. Log time is now - lag, and lag never shrinks: a new leader     *)
(* goes on from the last stamp at the pace of its own clock.                *)
(*                                                                          *)
(* Requests are never lost from `requests`, so each may be applied late and *)
(* again and again; that a client does not hear of an outcome is a reply    *)
(* that it never takes. A pause is a client that does nothing.              *)
(*                                                                          *)
(* Bug switches one defect on; see the configurations in fail/.             *)
(***************************************************************************)
EXTENDS Integers, Sequences, TLC

CONSTANTS
    Clients,        \* who competes
    Lease,          \* of a hold with a TTL, or of a session
    MaxTime, MaxSeq, MaxChanges,   \* bounds of the model
    Writing,        \* whether clients write to the resource
    SessionLeases,  \* TRUE: holds live with their session; FALSE: for Lease
    Bug             \* "none", or the name of a defect

VARIABLES
    now, lag, changes,
    holder,         \* [client, seq, token, deadline]; token 0 is nobody
    queue,          \* of [client, seq, arrival]
    lastToken, arrivals,
    outcome,        \* [client][seq]: 0 not executed, -1 queued, -2 ended without a grant, or the token
    cancelled,      \* {<<client, seq>>} whose cancel was applied
    ended,          \* sessions that the cluster has ended
    heard,          \* when the leader last heard of a session
    acked,          \* when the client sent the last renewal that it knows was heard
    requests,
    client,         \* [state, seq, sent, token]
    writes, highestWrite,
    maxToken, wrong \* ghosts: the highest token ever granted; what must never happen, and did

vars == <<now, lag, changes, holder, queue, lastToken, arrivals, outcome, cancelled, ended, heard, acked, requests,
          client, writes, highestWrite, maxToken, wrong>>

Nobody == [client |-> "nobody", seq |-> 0, token |-> 0, deadline |-> 0]
Never == 1000

LogTime == now - lag

(* What the machine does on its own state: m is [h, q, n, o, w]. *)
Machine == [h |-> holder, q |-> queue, n |-> lastToken, o |-> outcome, w |-> wrong]

Become(m) ==
    /\ holder' = m.h /\ queue' = m.q /\ lastToken' = m.n /\ outcome' = m.o /\ wrong' = m.w
    /\ maxToken' = IF m.n > maxToken THEN m.n ELSE maxToken

Granted(m, c, s) ==
    LET token == m.n + 1 IN
    [h |-> [client |-> c, seq |-> s, token |-> token, deadline |-> IF SessionLeases THEN Never ELSE LogTime + Lease],
     q |-> m.q,
     n |-> token,
     o |-> [m.o EXCEPT ![c][s] = token],
     w |-> m.w \cup (IF token <= maxToken THEN {"a token was given again"} ELSE {})
               \cup (IF m.o[c][s] > 0 THEN {"an acquire was granted twice"} ELSE {})
               \cup (IF <<c, s>> \in cancelled THEN {"granted to one that gave up"} ELSE {})
               \cup (IF c \in ended THEN {"granted to a session that ended"} ELSE {})]

Without(q, i) == SubSeq(q, 1, i - 1) \o SubSeq(q, i + 1, Len(q))

(* Grants to the head of the queue if the mutex is free. *)
Served(m) ==
    IF m.h.token # 0 \/ m.q = <<>> THEN m
    ELSE LET i == IF Bug = "not first come" THEN Len(m.q) ELSE 1
             first == m.q[i]
             rest == Without(m.q, i)
             overtaken == \E j \in 1..Len(rest) : rest[j].arrival < first.arrival
         IN Granted([m EXCEPT !.q = rest,
                              !.w = IF overtaken THEN @ \cup {"a waiter was overtaken"} ELSE @],
                    first.client, first.seq)

Freed(m) == Served([m EXCEPT !.h = Nobody])

----------------------------------------------------------------------------

Init ==
    /\ now = 0 /\ lag = 0 /\ changes = 0
    /\ holder = Nobody /\ queue = <<>> /\ lastToken = 0 /\ arrivals = 0
    /\ outcome = [c \in Clients |-> [s \in 1..MaxSeq |-> 0]]
    /\ cancelled = {} /\ ended = {}
    /\ heard = [c \in Clients |-> 0] /\ acked = [c \in Clients |-> 0]
    /\ requests = {}
    /\ client = [c \in Clients |-> [state |-> "idle", seq |-> 0, sent |-> 0, token |-> 0]]
    /\ writes = {} /\ highestWrite = 0
    /\ maxToken = 0 /\ wrong = {}

Advance ==
    /\ now < MaxTime
    /\ now' = now + 1
    /\ UNCHANGED <<lag, changes, holder, queue, lastToken, arrivals, outcome, cancelled, ended, heard, acked, requests,
                   client, writes, highestWrite, maxToken, wrong>>

(* The new leader knows nothing of renewals, and lets every session live for a whole lease. *)
LeaderChange ==
    /\ changes < MaxChanges
    /\ changes' = changes + 1
    /\ lag' \in IF Bug = "wall clock" THEN {-1, lag} ELSE {lag, lag + 1}
    /\ heard' = IF Bug = "renewals forgotten" THEN [c \in Clients |-> -Lease] ELSE [c \in Clients |-> now]
    /\ UNCHANGED <<now, holder, queue, lastToken, arrivals, outcome, cancelled, ended, acked, requests, client, writes,
                   highestWrite, maxToken, wrong>>

(* All peers start again, from a snapshot. *)
Restart ==
    /\ Bug = "token not in snapshot"
    /\ lastToken' = holder.token
    /\ UNCHANGED <<now, lag, changes, holder, queue, arrivals, outcome, cancelled, ended, heard, acked, requests, client,
                   writes, highestWrite, maxToken, wrong>>

(* ---- what clients do ---- *)

Send(c, request, next) ==
    /\ requests' = requests \cup {request}
    /\ client' = [client EXCEPT ![c] = next]
    /\ UNCHANGED <<now, lag, changes, holder, queue, lastToken, arrivals, outcome, cancelled, ended, heard, acked, writes,
                   highestWrite, maxToken, wrong>>

Ask(c) ==
    /\ client[c].state = "idle" /\ client[c].seq < MaxSeq /\ c \notin ended
    /\ LET s == client[c].seq + 1 IN
       Send(c, [kind |-> "acquire", client |-> c, seq |-> s, token |-> 0],
            [state |-> "asking", seq |-> s, sent |-> now, token |-> 0])

GiveUp(c) ==
    /\ client[c].state = "asking"
    /\ Send(c, [kind |-> "cancel", client |-> c, seq |-> client[c].seq, token |-> 0],
            [client[c] EXCEPT !.state = "idle"])

Release(c) ==
    /\ client[c].state = "has"
    /\ Send(c, [kind |-> "release", client |-> c, seq |-> 0, token |-> client[c].token],
            [client[c] EXCEPT !.state = "idle", !.token = 0])

Hear(c) ==
    /\ client[c].state = "asking" /\ outcome[c][client[c].seq] > 0
    /\ client' = [client EXCEPT ![c] = [state |-> "has", seq |-> @.seq, token |-> outcome[c][@.seq],
                                        sent |-> IF Bug = "lease from the answer" THEN now ELSE @.sent]]
    /\ UNCHANGED <<now, lag, changes, holder, queue, lastToken, arrivals, outcome, cancelled, ended, heard, acked, requests,
                   writes, highestWrite, maxToken, wrong>>

BelievedUntil(c) == (IF SessionLeases THEN acked[c] ELSE client[c].sent) + Lease

Believes(c) == client[c].state = "has" /\ now < BelievedUntil(c)

(* The answer may be lost. *)
KeepAlive(c) ==
    /\ SessionLeases /\ c \notin ended
    /\ heard' = [heard EXCEPT ![c] = now]
    /\ acked' \in {acked, [acked EXCEPT ![c] = now]}
    /\ UNCHANGED <<now, lag, changes, holder, queue, lastToken, arrivals, outcome, cancelled, ended, requests, client,
                   writes, highestWrite, maxToken, wrong>>

(* Looks at its belief, and has the write on its way for as long as it takes. *)
Write(c) ==
    /\ Writing /\ Believes(c)
    /\ writes' = writes \cup {client[c].token}
    /\ UNCHANGED <<now, lag, changes, holder, queue, lastToken, arrivals, outcome, cancelled, ended, heard, acked, requests,
                   client, highestWrite, maxToken, wrong>>

Land(token) ==
    /\ writes' = writes \ {token}
    /\ IF token < highestWrite /\ Bug # "no fence"
       THEN UNCHANGED <<highestWrite, wrong>>
       ELSE /\ highestWrite' = token
            /\ wrong' = IF token < highestWrite THEN wrong \cup {"a late write was taken"} ELSE wrong
    /\ UNCHANGED <<now, lag, changes, holder, queue, lastToken, arrivals, outcome, cancelled, ended, heard, acked, requests,
                   client, maxToken>>

(* ---- what the log does ---- *)

ApplyAcquire(r) ==
    LET c == r.client
        s == r.seq
        queued == [Machine EXCEPT !.q = Append(@, [client |-> c, seq |-> s, arrival |-> arrivals]), !.o[c][s] = -1]
    IN
    /\ r.kind = "acquire" /\ c \notin ended
    /\ outcome[c][s] = 0 \/ (Bug = "no duplicate suppression" /\ holder.client # c /\ outcome[c][s] > 0)
    /\ IF holder.token = 0 /\ queue = <<>>
       THEN Become(Granted(Machine, c, s)) /\ UNCHANGED arrivals
       ELSE Become(queued) /\ arrivals' = arrivals + 1
    /\ UNCHANGED <<now, lag, changes, cancelled, ended, heard, acked, requests, client, writes, highestWrite>>

ApplyCancel(r) ==
    LET c == r.client
        s == r.seq
        left == SelectSeq(queue, LAMBDA each : each.client # c \/ each.seq # s)
        gone == [Machine EXCEPT !.o[c][s] = IF Bug = "no tombstone" /\ @ = 0 THEN 0 ELSE -2,
                                !.q = IF Bug = "cancel forgets the queue" THEN @ ELSE left]
    IN
    /\ r.kind = "cancel" /\ <<c, s>> \notin cancelled
    /\ cancelled' = cancelled \cup {<<c, s>>}
    /\ Become(IF holder.client = c /\ holder.seq = s THEN Freed(gone) ELSE gone)
    /\ UNCHANGED <<now, lag, changes, arrivals, ended, heard, acked, requests, client, writes, highestWrite>>

ApplyRelease(r) ==
    /\ r.kind = "release" /\ holder.token # 0
    /\ holder.token = r.token \/ Bug = "release without a token"
    /\ Become(Freed(Machine))
    /\ UNCHANGED <<now, lag, changes, arrivals, cancelled, ended, heard, acked, requests, client, writes, highestWrite>>

Expire ==
    /\ holder.token # 0 /\ holder.deadline <= LogTime
    /\ Become(Freed(Machine))
    /\ UNCHANGED <<now, lag, changes, arrivals, cancelled, ended, heard, acked, requests, client, writes, highestWrite>>

(* A waiter that wakes up and takes what it waited for without another look: etcd 3.4.3. *)
GrantUnchecked ==
    /\ Bug = "waiter does not look again" /\ queue # <<>> /\ holder.token # 0
    /\ Become(Freed(Machine))
    /\ UNCHANGED <<now, lag, changes, arrivals, cancelled, ended, heard, acked, requests, client, writes, highestWrite>>

EndSession(c) ==
    LET left == [Machine EXCEPT !.q = SelectSeq(@, LAMBDA each : each.client # c)] IN
    /\ SessionLeases /\ c \notin ended
    /\ now - heard[c] >= IF Bug = "session ends early" THEN Lease - 1 ELSE Lease
    /\ ended' = ended \cup {c}
    /\ Become(IF holder.client = c /\ Bug # "holds outlive sessions" THEN Freed(left) ELSE left)
    /\ UNCHANGED <<now, lag, changes, arrivals, cancelled, heard, acked, requests, client, writes, highestWrite>>

Next ==
    \/ Advance \/ LeaderChange \/ Restart \/ Expire \/ GrantUnchecked
    \/ \E c \in Clients :
           Ask(c) \/ GiveUp(c) \/ Release(c) \/ Hear(c) \/ KeepAlive(c) \/ Write(c) \/ EndSession(c)
    \/ \E token \in writes : Land(token)
    \/ \E r \in requests : ApplyAcquire(r) \/ ApplyCancel(r) \/ ApplyRelease(r)

Symmetry == Permutations(Clients)

Spec == Init /\ [][Next]_vars

----------------------------------------------------------------------------

AtMostOneBelieves == \A c, d \in Clients : Believes(c) /\ Believes(d) => c = d

WhoBelievesHolds == \A c \in Clients : Believes(c) => holder.client = c /\ holder.token = client[c].token

NobodyDeadHolds == holder.client \notin ended

NothingWrong == wrong = {}

(* Who waits does so because somebody holds. *)
NoGrantIsForgotten == queue # <<>> => holder.token # 0
=============================================================================
