"""What the tracker holds to be likely: one set of numbers for every rate, camera and scene.

Chosen on MOT17-02, 05 and 10, TUD-Campus, TUD-Stadtmitte and PETS09-S2L1; docs/tracking.md tells
what each is worth. Lengths are in heights of an object's box, so they need no calibration.
"""

from __future__ import annotations

# Motion: a constant-velocity Kalman filter, its noise a part of the box's height.
MEASURED = 0.04  # standard deviation of a place measured by a detection of score 1, heights
UNSURE_MEASURED = 0.25  # and so much more at score 0
DRIFT = 0.1  # of unmodelled motion, heights per square root of a second
PUSH = 0.3  # of an unmodelled change of velocity, heights per second and its square root
FIRST_SPEED = 1.5  # of a new track's velocity, heights per second
SIZE_GAIN = 0.5  # a box's size follows its measurement by so much of what its place does
SIZE_SPEED = (
    0.5  # and its change is believed by so much: boxes shrink and grow where they are hidden
)
LEAST_SIZE = 1.0  # pixels; a prediction never shrinks below

# Association: overlap of boxes that are grown by what the prediction may be wrong.
GROW = 0.1  # of a box's size on every side, towards sure detections
GROW_UNSURE = 0.05  # towards unsure ones
WIDEN = 1.4  # grown further by so many standard deviations of the predicted place
MOST_GROWN = 1.0
OTHER_CLASS = 0.7  # likeness is multiplied by it where the classes differ
SURE, UNSURE, TENTATIVE = 0.17, 0.5, 0.3  # the least likeness of a pair, see `edge.track.tracking`
NEW = 0.05  # a track starts at a detection so much surer than a sure one
TWINS = 0.85  # overlap from which two boxes of different classes are one object

# The gate on the ground plane, where a camera is calibrated.
FOOT = 1.25  # a foot point's variance to a centre's: half of the height's is added to it
GROUND_SD = 0.5  # metres by which a foot point may be wrong besides
GROUND_GATE = 9.21  # squared Mahalanobis distance: 99 % of chi-squared, two degrees of freedom
HORIZON = 1e-9  # of a homography's third coordinate; nothing stands at or beyond it

# The motion that all objects share, which is the camera's.
TOGETHER = 4  # objects that must move alike, and half of all
FEWER = 2  # so many fewer would be explained by no motion
STILL = 0.8  # where so many are explained by no motion, none is looked for
ALIKE = 0.1  # heights between two that move alike
ACROSS, UP = 1.0, 0.7  # the most that is looked for, heights
SCALE = 1.35  # of a box's height, at most, between two frames
WITNESSES = 48  # objects that are asked, the oldest first

# Time.
FREEZE_S = 1.0  # frames less far apart are neighbours, however short lost_s is
TICK_S = 1e-6  # times less far apart are equal

# Gap linking.
MEET = 0.5  # two ends of a gap may miss each other by so much, heights
MEET_PER_S = 0.2  # and by so much more for each second of the gap
SETTLED_S = 0.15  # a track's velocity is known when it was seen for so long
LEAST_GAP_S = 1e-3
BETTER = 0.5  # a link is taken back for one that misses by less than this part
