"""The rows of the catalogue that are photos with boxes, and weights of detectors that were trained on such photos."""

from __future__ import annotations

from course_utils.data.data_set import DataSet, RemoteFile

PENN_FUDAN = DataSet(
    name="penn_fudan",
    title="170 photos of streets with boxes around those who walk there",
    read_by="course_utils.data.boxed_photos.penn_fudan",
    licence="not stated",
    origin=(
        "Wang, L., Shi, J., Song, G. and Shen, I. (2007). Object detection combining recognition and segmentation. "
        "ACCV, 189-199"
    ),
    url="https://www.cis.upenn.edu/~jshi/ped_html/",
    files=(RemoteFile(name="PennFudanPed.zip", url="https://www.cis.upenn.edu/~jshi/ped_html/PennFudanPed.zip"),),
)

VOC2007 = DataSet(
    name="voc2007",
    title="PASCAL VOC 2007, 9,963 photos with boxes around objects of 20 classes",
    read_by="course_utils.data.boxed_photos.voc2007",
    licence="terms of Flickr",
    origin=(
        "Everingham, M., Van Gool, L., Williams, C. K. I., Winn, J. and Zisserman, A. (2010). The PASCAL visual object "
        "classes (VOC) challenge. International Journal of Computer Vision 88, 303-338"
    ),
    url="http://host.robots.ox.ac.uk/pascal/VOC/voc2007/",
    files=tuple(
        RemoteFile(name=name, url=f"https://thor.robots.ox.ac.uk/pascal/VOC/voc2007/{name}", md5=md5)
        for name, md5 in (
            ("VOCtrainval_06-Nov-2007.tar", "c52e279531787c972589f7e41ab4ae64"),
            ("VOCtest_06-Nov-2007.tar", "b6e924de25625d8de591ea690078ad9f"),
        )
    ),
)


SSDLITE_COCO, FASTER_RCNN_COCO = (
    DataSet(
        name=name,
        title=f"weights of torchvision's {title}, trained on COCO",
        read_by="course_utils.data.detector_weights.detector_weights",
        licence="not stated",
        origin=f"PyTorch, torchvision (itself BSD-3-Clause). {paper}; trained on COCO, Lin, T.-Y. and others (2014)",
        url="https://docs.pytorch.org/vision",
        files=(RemoteFile(name=file, url=f"https://download.pytorch.org/models/{file}"),),
    )
    for name, title, paper, file in (
        (
            "ssdlite_coco",
            "SSDlite on MobileNetV3",
            "Howard, A. and others (2019). Searching for MobileNetV3. arXiv 1905.02244",
            "ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
        ),
        (
            "faster_rcnn_coco",
            "Faster R-CNN on MobileNetV3",
            "Ren, S., He, K., Girshick, R. and Sun, J. (2015). Faster R-CNN. arXiv 1506.01497",
            "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
        ),
    )
)
