internal import ModelShelf
internal import ShelfBase

/// What a C handle stands for.
enum Resource: Sendable {
    case shelf(Shelf)
    case watch(Watch)
    case cancellation(Cancellation)
    case catalogue(Catalogue)
    case hasher(DataHasher)
    case text(CText)
    case failure(Failure)
}

/// Gives out tickets in place of addresses, so that a closed, foreign or misshapen handle is found out instead of
/// followed.
///
/// A ticket is a number in the shape of a pointer: the slot, the process that it was made in, and how often the slot
/// was used before.
final class HandleTable: Sendable {
    private struct Slot {
        var generation: UInt
        var resource: Resource?
    }

    private struct Slots {
        var all: [Slot] = []
        var free: [Int] = []
    }

    private static let slotBits: UInt = 28
    private static let epochBits: UInt = 8
    private static let slotMask = (UInt(1) << slotBits) - 1
    private static let epochMask = (UInt(1) << epochBits) - 1
    private static let lastGeneration = UInt.max >> (slotBits + epochBits)

    private let epoch: UInt
    private let slots = Locked(Slots())

    /// Tickets of tables with different epochs are strangers to each other.
    init(epoch: UInt) {
        self.epoch = epoch & Self.epochMask
    }

    func add(_ resource: Resource) throws(ShelfError) -> OpaquePointer {
        let ticket = slots.withLock { slots -> UInt? in
            if let index = slots.free.popLast() {
                slots.all[index].resource = resource
                return number(index, slots.all[index].generation)
            }
            guard slots.all.count < Int(Self.slotMask) else { return nil }
            slots.all.append(Slot(generation: 1, resource: resource))
            return number(slots.all.count - 1, 1)
        }
        guard let ticket, let pointer = OpaquePointer(bitPattern: ticket) else {
            throw ShelfError(.tooLarge, "too many handles are open", hint: "free what is not needed any more")
        }
        return pointer
    }

    func find(_ pointer: OpaquePointer?) -> Resource? {
        slots.withLock { slots in index(of: pointer, in: slots).flatMap { slots.all[$0].resource } }
    }

    /// Takes a resource out if `accept` wants it; its ticket is worth nothing from then on.
    func remove(_ pointer: OpaquePointer?, where accept: (Resource) -> Bool) -> Resource? {
        slots.withLock { slots in
            guard let index = index(of: pointer, in: slots), let resource = slots.all[index].resource,
                accept(resource)
            else { return nil }
            slots.all[index].resource = nil
            slots.all[index].generation += 1
            // A slot whose numbers are used up rests, so that no old ticket ever fits again.
            if slots.all[index].generation < Self.lastGeneration { slots.free.append(index) }
            return resource
        }
    }

    private func number(_ index: Int, _ generation: UInt) -> UInt {
        (generation << (Self.slotBits + Self.epochBits)) | (epoch << Self.slotBits) | (UInt(index) + 1)
    }

    private func index(of pointer: OpaquePointer?, in slots: Slots) -> Int? {
        let ticket = UInt(bitPattern: pointer)
        let slot = ticket & Self.slotMask
        guard slot > 0, slot <= UInt(slots.all.count), (ticket >> Self.slotBits) & Self.epochMask == epoch else {
            return nil
        }
        let index = Int(slot) - 1
        return slots.all[index].generation == ticket >> (Self.slotBits + Self.epochBits) ? index : nil
    }
}
