/// Brings together what we say of a model, what we said when we last wrote, and what the file says now.
///
/// Of keys that are ours: where the file still has what we wrote, our new value goes in; what others changed, added or
/// removed stays as they left it. Of all other keys, and of the order, nothing changes.
public struct SidecarMerge: Sendable {
    /// The new document.
    public let document: ExactObject
    /// What of it we wrote: the base of the next merge.
    public let base: ExactObject
    /// Our keys whose value in the file is somebody else's.
    public let foreign: ExactObject

    /// - Parameters:
    ///   - theirs: the file as it is; empty when there is none.
    ///   - base: our keys as we last wrote them.
    ///   - ours: our keys as they should be. A key of `base` that is missing here is taken back.
    public init(theirs: ExactObject, base: ExactObject, ours: ExactObject) {
        var document = theirs
        var newBase = ExactObject()
        var foreign = ExactObject()
        for key in ours.members.map(\.key) + base.members.map(\.key).filter({ ours[$0] == nil }) {
            let (was, now, wish) = (base[key], theirs[key], ours[key])
            // A null that we did not write is a place without a value, as good as no key at all.
            let isUntouched = now == was || (was == nil && now?.isNull == true && wish != nil)
            if isUntouched || now == wish {
                if document[key] != wish { document[key] = wish }
                newBase[key] = wish
            } else {
                // Their removal of what we wrote stays too: the old base tells it from a key that was never there.
                newBase[key] = now == nil || now?.isNull == true ? was : nil
                foreign[key] = now
            }
        }
        self.document = document
        self.base = newBase
        self.foreign = foreign
    }
}
