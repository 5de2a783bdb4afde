-------------------------------- MODULE Birth --------------------------------
(***************************************************************************)
(* How a cluster is born. Each node is started with a list of the initial   *)
(* members. Its folder, when it is first used, receives an incarnation and  *)
(* keeps that list. The first of the list convenes: it gathers the          *)
(* incarnations of all members of the list, with the same list in all of    *)
(* their folders and no cluster in any, and only then writes the birth: the *)
(* cluster's random id, and its members' incarnations. Here a birth is its  *)
(* own id. The others take it as the first entry of their logs.             *)
(*                                                                          *)
(* A birth that was sent may arrive late, and again; one that never arrives *)
(* is not taken. A folder may be lost at any time; the name then comes back *)
(* with an empty one, and perhaps with another list.                        *)
(*                                                                          *)
(* Bug switches one defect on; see the configurations in fail/.             *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
    Lists,          \* with which nodes may be started; names are numbers, and the first is the least
    MaxLosses, MaxBirths,   \* bounds of the model
    Bug             \* "none", or the name of a defect

VARIABLES
    gen,            \* [name]: its folder's incarnation
    list,           \* [name]: the list in its folder; {} before its first start
    answered,       \* [name]: the incarnation whose call it answered last, in its folder
    met,            \* [name]: the incarnations that answered its call
    folder,         \* [name]: the birth of the cluster in its folder, or None
    born,           \* births that were written, and sent
    taken           \* ghost: [birth]: the incarnations that ever had it in their folders

vars == <<gen, list, answered, met, folder, born, taken>>

Names == UNION Lists
Nobody == <<0, 0>>
None == [list |-> {}, by |-> Nobody, members |-> {}]

Inc(n) == <<n, gen[n]>>
First(names) == CHOOSE n \in names : \A m \in names : n <= m

Init ==
    /\ gen = [n \in Names |-> 0]
    /\ list = [n \in Names |-> {}]
    /\ answered = [n \in Names |-> Nobody]
    /\ met = [n \in Names |-> {}]
    /\ folder = [n \in Names |-> None]
    /\ born = {} /\ taken = {}

Lost == Cardinality({i \in Names \X (0..MaxLosses) : i[2] < gen[i[1]]})

LoseDisk(n) ==
    /\ Lost < MaxLosses
    /\ gen' = [gen EXCEPT ![n] = @ + 1]
    /\ list' = [list EXCEPT ![n] = {}]
    /\ answered' = [answered EXCEPT ![n] = Nobody]
    /\ met' = [met EXCEPT ![n] = {}]
    /\ folder' = [folder EXCEPT ![n] = None]
    /\ UNCHANGED <<born, taken>>

(* The list is fixed by the first use of the folder. A later start with another one is refused. *)
Start(n, names) ==
    /\ n \in names
    /\ list[n] = {} \/ (Bug = "another list" /\ folder[n] = None /\ list[n] # names)
    /\ list' = [list EXCEPT ![n] = names]
    /\ met' = [met EXCEPT ![n] = {}]
    /\ UNCHANGED <<gen, answered, folder, born, taken>>

(* n answers k, which convenes: it has no cluster, and the same list. *)
Answer(n, k) ==
    /\ list[n] # {} /\ list[n] = list[k] /\ k = First(list[n])
    /\ folder[k] = None
    /\ folder[n] = None \/ Bug = "cluster not told"
    /\ answered' = [answered EXCEPT ![n] = Inc(k)]
    /\ met' = [met EXCEPT ![k] = {i \in @ : i[1] # n} \cup {Inc(n)}]
    /\ UNCHANGED <<gen, list, folder, born, taken>>

Present(k) ==
    IF Bug = "birth by a minority" THEN Cardinality(met[k]) * 2 > Cardinality(list[k])
    ELSE {i[1] : i \in met[k]} = list[k]

Form(k) ==
    LET birth == [list |-> list[k], by |-> Inc(k), members |-> met[k]] IN
    /\ list[k] # {} /\ folder[k] = None /\ Inc(k) \in met[k] /\ Present(k)
    /\ Cardinality(born) < MaxBirths
    /\ born' = born \cup {birth}
    /\ folder' = [folder EXCEPT ![k] = birth]
    /\ taken' = taken \cup {<<birth, Inc(k)>>}
    /\ UNCHANGED <<gen, list, answered, met>>

(* Only from whom it answered last: that one's birth may still be under way, all earlier ones are void. *)
Take(n, birth) ==
    /\ folder[n] = None /\ Inc(n) \in birth.members
    /\ answered[n] = birth.by \/ Bug = "late birth"
    /\ folder' = [folder EXCEPT ![n] = birth]
    /\ taken' = taken \cup {<<birth, Inc(n)>>}
    /\ UNCHANGED <<gen, list, answered, met, born>>

(* n meets m, which has the cluster, and has it from then on, too: as one of its first members, or as a newcomer. If m convened, it *)
(* must be the one that n answered last, if n ever answered.                                                                        *)
Meet(n, m) ==
    /\ folder[n] = None /\ folder[m] # None /\ list[n] # {} /\ list[n] = list[m]
    /\ m = First(list[n]) => answered[n] \in {Nobody, Inc(m)}
    /\ folder' = [folder EXCEPT ![n] = folder[m]]
    /\ taken' = taken \cup {<<folder[m], Inc(n)>>}
    /\ UNCHANGED <<gen, list, answered, met, born>>

(* The same of one that convened, and may have lost its disk since it said so. *)
MeetLate(n, birth) ==
    /\ folder[n] = None /\ list[n] = birth.list /\ n # birth.by[1] /\ answered[n] = Nobody
    /\ folder' = [folder EXCEPT ![n] = birth]
    /\ taken' = taken \cup {<<birth, Inc(n)>>}
    /\ UNCHANGED <<gen, list, answered, met, born>>

Next ==
    \/ \E n \in Names : LoseDisk(n) \/ Form(n) \/ \E names \in Lists : Start(n, names)
    \/ \E n, k \in Names : Answer(n, k) \/ Meet(n, k)
    \/ \E n \in Names, birth \in born : Take(n, birth) \/ MeetLate(n, birth)

Spec == Init /\ [][Next]_vars

----------------------------------------------------------------------------

(* No two clusters stand side by side whose lists have a name in common. *)
OneCluster ==
    \A n, m \in Names :
        folder[n] # None /\ folder[m] # None /\ folder[n].list \cap folder[m].list # {} => folder[n] = folder[m]

(* Nor did they ever both have what it takes to grant anything: a majority. *)
OneServes ==
    LET served == {birth \in born :
            Cardinality({i \in birth.members : <<birth, i>> \in taken}) * 2 > Cardinality(birth.members)}
    IN \A x, y \in served : x.list \cap y.list # {} => x = y

(* Nobody is a member of two clusters. *)
OneMembership ==
    \A n, m \in Names : folder[n] # None /\ folder[m] # None /\ folder[n] # folder[m]
        => ~\E i \in folder[n].members \cap folder[m].members : folder[i[1]] # None /\ gen[i[1]] = i[2]

(* Must be broken: all members of a list have the cluster. *)
NeverBorn == ~\E birth \in born : \A n \in birth.list : folder[n] = birth
=============================================================================
