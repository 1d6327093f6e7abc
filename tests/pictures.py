"""What must hold of every picture."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def words_of(fig):
    return [text.get_text() for text in fig.findobj(Text) if text.get_visible() and text.get_text()]


def assert_legible(fig):
    """No text is clipped, and none overlaps another."""
    renderer = FigureCanvasAgg(fig).get_renderer()
    fig.draw(renderer)
    width, height = fig.get_size_inches() * fig.dpi
    unseen = [  # matplotlib keeps the labels of ticks beyond the axis, undrawn
        label
        for axes in fig.axes
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))
        for tick, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
        if not min(limits) - 1e-9 <= tick <= max(limits) + 1e-9
    ]
    texts = [text for text in fig.findobj(Text) if text.get_text().strip() and text not in unseen]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts]
    for word, box in boxes:
        assert box.x0 >= 0, word
        assert box.y0 >= 0, word
        assert box.x1 <= width, word
        assert box.y1 <= height, word
    for index, (word, box) in enumerate(boxes):
        for other, second in boxes[index + 1 :]:
            shared_x = min(box.x1, second.x1) - max(box.x0, second.x0)
            shared_y = min(box.y1, second.y1) - max(box.y0, second.y0)
            assert min(shared_x, shared_y) <= 1.5, f"{word!r} overlaps {other!r}"
